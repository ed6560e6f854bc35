/** Walks inputs in plain JSON: fields go by names, and nothing says how many elements will come. */

import type { JsonInput } from "./input/json.js";
import { refuse } from "./input/input.js";
import { UNKNOWN_SIZE, type Output } from "./output/output.js";
import { Field, type Program, Struct, TypeFlag, TypeWord } from "./program.js";
import { Walker, type OpenStruct } from "./walk.js";

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

export class JsonWalker extends Walker {
  readonly #input: JsonInput;

  constructor(program: Program, input: JsonInput, output: Output) {
    super(program, input, output);
    this.#input = input;
  }

  protected override beginStruct(): void {
    this.#input.expect(OPEN_BRACE, "an object");
  }

  protected override endStruct(): void {
    // The last member was followed by the brace.
  }

  protected override fields(struct: OpenStruct): void {
    const { words } = this;
    const input = this.#input;
    let expected = words[struct.at + Struct.FIRST];
    for (let isFirst = true; ; isFirst = false) {
      const found = input.nextField(struct.at, expected, isFirst);
      if (found === 0) break;
      const field = found < 0 ? ~found : found;
      expected = words[field + Field.NEXT];
      if (found < 0) this.unset(struct, field);
      else this.field(struct, field);
    }
    this.finish(struct);
    this.checkUnion(this.countUnion(struct));
  }

  protected override elements(type: number): void {
    const { words, output } = this;
    const input = this.#input;
    const element = words[type + TypeWord.REF];
    this.#open(type, OPEN_BRACKET);
    const start = output.beginElements(type, UNKNOWN_SIZE);
    let count = 0;
    if (!input.take(CLOSE_BRACKET)) {
      do {
        this.#beginElement(type, count++);
        output.nextElement();
        this.value(element);
      } while (input.take(COMMA));
      input.expect(CLOSE_BRACKET, '"," or "]"');
    }
    output.endElements(start, count);
  }

  #open(type: number, bracket: number): void {
    this.#input.expect(bracket, "a container");
    this.charge(this.words[type + TypeWord.COST_OWN]);
  }

  #beginElement(type: number, index: number): void {
    if (index >= this.words[type + TypeWord.MAX_LENGTH] >>> 0) refuse();
    this.charge(this.words[type + TypeWord.COST_EACH]);
  }

  protected override map(type: number): void {
    const { words, output } = this;
    const input = this.#input;
    const isObject = (words[type + TypeWord.FLAGS] & TypeFlag.OBJECT) !== 0;
    const close = isObject ? CLOSE_BRACE : CLOSE_BRACKET;
    this.#open(type, isObject ? OPEN_BRACE : OPEN_BRACKET);
    const start = output.beginEntries(type, UNKNOWN_SIZE);
    let count = 0;
    if (!input.take(close)) {
      do {
        this.#beginElement(type, count++);
        this.#entry(type, isObject);
      } while (input.take(COMMA));
      input.expect(close, '"," or a bracket');
    }
    output.endEntries(type, start, count);
  }

  #entry(type: number, isObject: boolean): void {
    const { words, output } = this;
    const input = this.#input;
    if (isObject) input.beginKey();
    else input.expect(OPEN_BRACKET, "a pair");
    output.beginKey(type);
    this.value(words[type + TypeWord.REF]);
    if (isObject) input.endKey();
    else input.expect(COMMA, '","');
    output.beginValue(type);
    this.value(words[type + TypeWord.VALUE]);
    output.endEntry(type);
    if (!isObject) input.expect(CLOSE_BRACKET, '"]"');
  }
}
