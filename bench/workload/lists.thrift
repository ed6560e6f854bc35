namespace js bench

struct I8List { 1: required list<byte> values }

struct I16List { 1: required list<i16> values }

struct I32List { 1: required list<i32> values }

struct I64List { 1: required list<i64> values }

struct DoubleList { 1: required list<double> values }
