/** A program as text, for people to read: what stands in each record, with the word at which it starts. */

import { table } from "../codec/print.js";
import { ttypeName } from "../protocol/ttype.js";
import {
  Absent,
  ENUM_WORDS,
  EnumWord,
  Field,
  FIELD_WORDS,
  Header,
  Kind,
  KINDS,
  Member,
  MEMBER_WORDS,
  Program,
  ProgramFlag,
  ProtocolCode,
  Struct,
  STRUCT_WORDS,
  StructFlag,
  TYPE_WORDS,
  TypeFlag,
  TypeWord,
} from "./program.js";

/** A program in full. */
export function printProgram(program: ArrayBuffer): string {
  return new Printer(program).print();
}

class Printer {
  readonly #program: Program;
  readonly #words: Int32Array;
  readonly #bytes: number;

  constructor(program: ArrayBuffer) {
    this.#program = new Program(program);
    this.#words = this.#program.words;
    this.#bytes = program.byteLength;
  }

  print(): string {
    const structs = this.#records(Header.STRUCTS, STRUCT_WORDS).map((at) => this.#struct(at));
    const types = this.#records(Header.TYPES, TYPE_WORDS).map((at) => this.#typeRow(at));
    const enums = this.#enums();
    const head = ["@", "type", "wire", "element", "most", "heap", "fixed", "copied", "notes"];
    const sections = [this.#head(), ...structs, table([head, ...types]).join("\n"), ...enums];
    return `${sections.join("\n\n")}\n`;
  }

  #head(): string {
    const word = (at: number): number => this.#words[at];
    const limits = [
      ["maxMessageBytes", Header.MAX_MESSAGE_BYTES],
      ["maxDepth", Header.MAX_DEPTH],
      ["maxSkipDepth", Header.MAX_SKIP_DEPTH],
      ["maxStringBytes", Header.MAX_STRING_BYTES],
      ["maxHeapBytes", Header.MAX_HEAP_BYTES],
    ] as const;
    return [
      `program: version ${word(Header.VERSION)}, ${nameIn(ProtocolCode, word(Header.FROM))} to ${nameIn(ProtocolCode, word(Header.TO))}, ${this.#bytes} bytes, root @${word(Header.ROOT)}`,
      `flags:   ${flagNames(ProgramFlag, word(Header.FLAGS)) || "none"}`,
      `limits:  ${limits.map(([name, at]) => `${name} ${this.#program.limit(at)}`).join(", ")}`,
    ].join("\n");
  }

  /** The words at which the records of a section start. */
  #records(section: number, size: number): number[] {
    const start = this.#words[section];
    return Array.from({ length: this.#words[section + 1] }, (_, i) => start + i * size);
  }

  #struct(at: number): string {
    const words = this.#words;
    const first = words[at + Struct.FIELDS];
    const fields = Array.from({ length: words[at + Struct.COUNT] }, (_, i) => first + i * FIELD_WORDS);
    const notes = [
      `struct ${this.#text(at + Struct.NAME)}`,
      `${words[at + Struct.HEAP]} heap bytes`,
      `input begins with @${words[at + Struct.FIRST]}`,
      flagNames(StructFlag, words[at + Struct.FLAGS]),
    ];
    const head = ["@", "id", "member", "type", "wire", "then", "absent", "head", "default"];
    return [
      `@${at}: ${notes.filter(Boolean).join(", ")}`,
      ...table([head, ...fields.map((field) => this.#fieldRow(field))]),
    ].join("\n");
  }

  #fieldRow(at: number): string[] {
    const words = this.#words;
    const absent = words[at + Field.ABSENT];
    return [
      String(at),
      String(words[at + Field.ID]),
      this.#text(at + Field.NAME),
      this.#typeText(words[at + Field.TYPE]),
      ttypeName(words[at + Field.TTYPE]),
      `@${words[at + Field.NEXT]}`,
      nameIn(Absent, absent).toLowerCase(),
      this.#show(at + Field.HEAD),
      absent === Absent.WRITE ? this.#show(at + Field.DEFAULT) : "",
    ];
  }

  #typeRow(at: number): string[] {
    const words = this.#words;
    const most = words[at + TypeWord.MAX_LENGTH] >>> 0;
    const isContainer = words[at + TypeWord.COST_OWN] > 0;
    return [
      String(at),
      this.#typeText(at),
      ttypeName(words[at + TypeWord.TTYPE]),
      isContainer ? `>= ${words[at + TypeWord.MIN_BYTES]}` : "",
      isContainer ? String(most) : "",
      isContainer ? `${words[at + TypeWord.COST_OWN]} + ${words[at + TypeWord.COST_EACH]} each` : "",
      String(words[at + TypeWord.FIXED]),
      String(words[at + TypeWord.COPIED]),
      flagNames(TypeFlag, words[at + TypeWord.FLAGS]),
    ];
  }

  #typeText(at: number): string {
    const ref = this.#words[at + TypeWord.REF];
    const kind = this.#words[at + TypeWord.KIND];
    switch (kind) {
      case Kind.list:
      case Kind.set:
        return `${KINDS[kind]}<${this.#typeText(ref)}>`;
      case Kind.map:
        return `map<${this.#typeText(ref)},${this.#typeText(this.#words[at + TypeWord.VALUE])}>`;
      case Kind.struct:
        return this.#text(ref + Struct.NAME);
      case Kind.enum:
        return this.#text(ref + EnumWord.NAME);
      default:
        return KINDS[kind];
    }
  }

  #enums(): string[] {
    const words = this.#words;
    return this.#records(Header.ENUMS, ENUM_WORDS).map((at) => {
      const members = Array.from({ length: words[at + EnumWord.COUNT] }, (__, k) => {
        const member = words[at + EnumWord.MEMBERS] + k * MEMBER_WORDS;
        return `${this.#text(member + Member.NAME)} ${words[member + Member.NUMBER]}`;
      });
      return `@${at}: enum ${this.#text(at + EnumWord.NAME)} { ${members.join(", ")} }`;
    });
  }

  #place(at: number): Uint8Array {
    const start = this.#words[at];
    return this.#program.blob.subarray(start, start + this.#words[at + 1]);
  }

  #text(at: number): string {
    return new TextDecoder().decode(this.#place(at));
  }

  /** Bytes as text where they are printable ASCII, else in hex. */
  #show(at: number): string {
    const bytes = this.#place(at);
    if (bytes.length === 0) return "-";
    if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return new TextDecoder().decode(bytes);
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}

function nameIn(table: Readonly<Record<string, number>>, code: number): string {
  return Object.keys(table).find((name) => table[name] === code) ?? String(code);
}

function flagNames(flags: Readonly<Record<string, number>>, bits: number): string {
  const names = Object.keys(flags).filter((name) => (bits & flags[name]) !== 0);
  return names.map((name) => name.toLowerCase().replaceAll("_", " ")).join(", ");
}
