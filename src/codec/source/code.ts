/**
 * Fragments of JavaScript source. Only three things can be spliced into one: another fragment, an integer, and a text
 * that {@link quote} turned into a string literal. So no name, default or annotation of an IDL can become code.
 */

/** Source text that scrimp itself wrote. */
export class Code {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** The one way to make a fragment of plain text: from a template of this code base. */
  static fromTemplate(strings: TemplateStringsArray, values: readonly Splice[]): Code {
    let text = strings[0];
    for (let i = 0; i < values.length; i++) text += spliced(values[i]) + strings[i + 1];
    return new Code(text);
  }

  /** A string literal of any text. U+2028 and U+2029 end a line in older grammars, `<` could close a script element. */
  static quote(text: string): Code {
    return new Code(
      JSON.stringify(text).replace(/[\u2028\u2029<]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
    );
  }

  static join(parts: readonly Code[], separator: "" | "," | "||" | "\n"): Code {
    return new Code(parts.map((part) => part.text).join(separator));
  }
}

export type Splice = Code | number;

/** Makes a fragment: js`view.setInt32(${at}, ${header});` */
export function js(strings: TemplateStringsArray, ...values: Splice[]): Code {
  return Code.fromTemplate(strings, values);
}

export const { quote, join } = Code;

export const NOTHING = js``;

/** Hands out local names: a letter of ours and a number. */
export class Names {
  #next = 0;

  fresh(strings: TemplateStringsArray): Code {
    return Code.fromTemplate([strings[0], ""] as unknown as TemplateStringsArray, [this.#next++]);
  }
}

function spliced(value: Splice): string {
  if (value instanceof Code) return value.text;
  if (!Number.isSafeInteger(value)) throw new TypeError("only integers may be spliced into generated source");
  return String(value);
}
