package main

// The types of ../workload/frugal.thrift and ../workload/bench.thrift, with Frugal's tags.

type Simple struct {
	ByteField   int8    `frugal:"1,default,byte"`
	I64Field    int64   `frugal:"2,default,i64"`
	DoubleField float64 `frugal:"3,default,double"`
	I32Field    int32   `frugal:"4,default,i32"`
	StringField string  `frugal:"5,default,string"`
	BinaryField []byte  `frugal:"6,default,binary"`
	EnumField   Enum    `frugal:"7,default,Enum"`
}

// Enum is what thriftgo makes of an enum: 64 bits in memory, 32 on the wire.
type Enum int64

type Nesting struct {
	String          string             `frugal:"1,default,string"`
	ListSimple      []*Simple          `frugal:"2,default,list<Simple>"`
	Double          float64            `frugal:"3,default,double"`
	I32             int32              `frugal:"4,default,i32"`
	ListI32         []int32            `frugal:"5,default,list<i32>"`
	I64             int64              `frugal:"6,default,i64"`
	MapStringString map[string]string  `frugal:"7,default,map<string:string>"`
	SimpleStruct    *Simple            `frugal:"8,default,Simple"`
	MapI32I64       map[int32]int64    `frugal:"9,default,map<i32:i64>"`
	ListString      []string           `frugal:"10,default,list<string>"`
	Binary          []byte             `frugal:"11,default,binary"`
	MapI64String    map[int64]string   `frugal:"12,default,map<i64:string>"`
	ListI64         []int64            `frugal:"13,default,list<i64>"`
	Byte            int8               `frugal:"14,default,byte"`
	MapStringSimple map[string]*Simple `frugal:"15,default,map<string:Simple>"`
}

type Nesting2 struct {
	MapSimpleNesting map[*Simple]*Nesting `frugal:"1,default,map<Simple:Nesting>"`
	SimpleStruct     *Simple              `frugal:"2,default,Simple"`
	Byte             int8                 `frugal:"3,default,byte"`
	Double           float64              `frugal:"4,default,double"`
	ListNesting      []*Nesting           `frugal:"5,default,list<Nesting>"`
	I64              int64                `frugal:"6,default,i64"`
	NestingStruct    *Nesting             `frugal:"7,default,Nesting"`
	Binary           []byte               `frugal:"8,default,binary"`
	String           string               `frugal:"9,default,string"`
	I32              int32                `frugal:"11,default,i32"`
}

type Small struct {
	Flag   bool    `frugal:"1,required,bool"`
	Tiny   int8    `frugal:"2,required,byte"`
	Shorty int16   `frugal:"3,required,i16"`
	Count  int32   `frugal:"4,required,i32"`
	Ts     int64   `frugal:"5,required,i64"`
	Ratio  float64 `frugal:"6,required,double"`
	Seq    int32   `frugal:"7,required,i32"`
	Color  Enum    `frugal:"8,required,Enum"`
	Name   string  `frugal:"9,required,string"`
}

type Header struct {
	Host string   `frugal:"1,required,string"`
	Path string   `frugal:"2,required,string"`
	Ts   int64    `frugal:"3,required,i64"`
	Tags []string `frugal:"4,required,list<string>"`
}

type Item struct {
	Id     int32   `frugal:"1,required,i32"`
	Name   string  `frugal:"2,required,string"`
	Descr  string  `frugal:"3,required,string"`
	Price  float64 `frugal:"4,required,double"`
	Active bool    `frugal:"5,required,bool"`
	Ts     int64   `frugal:"6,required,i64"`
}

type Medium struct {
	Header *Header           `frugal:"1,required,Header"`
	Items  []*Item           `frugal:"2,required,list<Item>"`
	Attrs  map[string]string `frugal:"3,required,map<string:string>"`
	Blob   []byte            `frugal:"4,required,binary"`
}

type Record struct {
	Id    int64   `frugal:"1,required,i64"`
	Name  string  `frugal:"2,required,string"`
	Bio   string  `frugal:"3,required,string"`
	Email string  `frugal:"4,required,string"`
	Score float64 `frugal:"5,required,double"`
	Refs  []int64 `frugal:"6,required,list<i64>"`
}

type Large struct {
	Records []*Record `frugal:"1,required,list<Record>"`
}
