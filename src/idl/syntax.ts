/** The syntax tree: one IDL file as it was written, nothing resolved, every name with its place. */

/** A stretch of the source text, in UTF-16 offsets. `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A name and where it stands. May be dotted (`base.Color.RED`) where it refers to something. */
export interface Name extends Span {
  text: string;
}

/** `(name = "value")`; a name without a value has the value `"1"`, as in Apache's compiler. */
export interface AnnotationSyntax {
  name: Name;
  value: string;
}

/** What every definition and member may carry. */
export interface Documented {
  /** Text of the doc comment before it, markers and indentation removed; undefined when there is none. */
  doc: string | undefined;
  annotations: AnnotationSyntax[];
}

/** One file. */
export interface Document {
  file: string;
  /** The text, kept for code frames. */
  text: string;
  /** Text of the doc comment at the head of the file that belongs to no definition. */
  doc: string | undefined;
  includes: IncludeSyntax[];
  namespaces: NamespaceSyntax[];
  /** In the order of the text. */
  definitions: DefinitionSyntax[];
}

export interface IncludeSyntax extends Span {
  path: string;
}

export interface NamespaceSyntax extends Span {
  /** `*` for all languages. */
  scope: string;
  name: string;
  annotations: AnnotationSyntax[];
}

export type DefinitionSyntax = ConstSyntax | TypedefSyntax | EnumSyntax | StructSyntax | ServiceSyntax;

export interface ConstSyntax extends Documented, Span {
  kind: "const";
  name: Name;
  type: TypeSyntax;
  value: ValueSyntax;
}

export interface TypedefSyntax extends Documented, Span {
  kind: "typedef";
  name: Name;
  type: TypeSyntax;
}

export interface EnumSyntax extends Documented, Span {
  kind: "enum";
  name: Name;
  members: EnumMemberSyntax[];
}

export interface EnumMemberSyntax extends Documented, Span {
  name: Name;
  /** Undefined: one more than the member before, 0 for the first. */
  value: bigint | undefined;
}

export interface StructSyntax extends Documented, Span {
  kind: "struct";
  variant: "struct" | "union" | "exception";
  name: Name;
  fields: FieldSyntax[];
}

export interface FieldSyntax extends Documented, Span {
  name: Name;
  /** Undefined: not given; Apache's compiler then counts down from -1. */
  id: bigint | undefined;
  requiredness: "required" | "optional" | "default";
  type: TypeSyntax;
  defaultValue: ValueSyntax | undefined;
}

export interface ServiceSyntax extends Documented, Span {
  kind: "service";
  name: Name;
  extends: Name | undefined;
  methods: MethodSyntax[];
}

export interface MethodSyntax extends Documented, Span {
  name: Name;
  oneway: boolean;
  /** Undefined: void. */
  returnType: TypeSyntax | undefined;
  args: FieldSyntax[];
  throws: FieldSyntax[];
}

export type BaseTypeName = "bool" | "i8" | "i16" | "i32" | "i64" | "double" | "string" | "binary" | "uuid";

/** `byte` is read as `i8`. A user type that is called like a newer base type (`uuid`) is told apart by the linker. */
export type TypeSyntax =
  | (Span & { kind: "base"; name: BaseTypeName; annotations: AnnotationSyntax[] })
  | (Span & { kind: "list" | "set"; element: TypeSyntax; annotations: AnnotationSyntax[] })
  | (Span & { kind: "map"; key: TypeSyntax; value: TypeSyntax; annotations: AnnotationSyntax[] })
  | (Span & { kind: "named"; name: Name; annotations: AnnotationSyntax[] });

export type ValueSyntax =
  | (Span & { kind: "integer"; value: bigint })
  | (Span & { kind: "double"; value: number })
  /** Escapes resolved. */
  | (Span & { kind: "string"; value: string })
  /** A constant, an enum member, `true` or `false`: the linker decides. */
  | (Span & { kind: "identifier"; name: string })
  | (Span & { kind: "list"; elements: ValueSyntax[] })
  | (Span & { kind: "map"; entries: { key: ValueSyntax; value: ValueSyntax }[] });
