/** Classes for the exceptions that an IDL declares: `throw new NotFound({ message: "no such user" })`. */

import { ThriftException } from "../errors.js";
import { copyConstant, type StructDescriptor } from "./descriptor.js";

/** An instance of a class that {@link Schema.exception} gives: an Error with the fields of the IDL as own properties. */
export type DeclaredException = ThriftException & Record<string, unknown>;

/** What {@link Schema.exception} gives: a class derived from {@link ThriftException}, named like the exception. */
export interface ExceptionClass {
  /** Makes an instance. Fields left out, or undefined, get the default of the IDL. */
  new (fields?: Readonly<Record<string, unknown>>): DeclaredException;
  /** What instances inherit: the default `message`, `name` and `code`, each hidden by a field of that name. */
  readonly prototype: DeclaredException;
  /** The exception as the IDL declares it. */
  readonly descriptor: StructDescriptor;
}

const classes = new WeakMap<StructDescriptor, ExceptionClass>();

/**
 * The class for an exception of the IDL: one per descriptor, derived from {@link ThriftException}, named like the exception.
 *
 * Every declared field becomes an own enumerable property, in declared order, and wins over what Error has: a field may
 * be called `message`, `name`, `code` or `stack` and be of any type.
 */
export function exceptionClass(descriptor: StructDescriptor): ExceptionClass {
  let existing = classes.get(descriptor);
  if (existing === undefined) {
    existing = defineClass(descriptor);
    classes.set(descriptor, existing);
  }
  return existing;
}

/**
 * A function that makes instances for a decoder to fill by plain assignment: every field is there and undefined, defaults
 * are not applied, and there is no stack trace, which would show frames of the decoder only and cost more than the rest.
 */
export function makeException(descriptor: StructDescriptor): () => DeclaredException {
  const target = exceptionClass(descriptor);
  const define = fieldDefiner(descriptor);
  return () => {
    const limit: unknown = Error.stackTraceLimit;
    // Reflect.set: an assignment would throw where intrinsics are frozen.
    Reflect.set(Error, "stackTraceLimit", 0);
    try {
      return define(newError(target, undefined), () => undefined);
    } finally {
      Reflect.set(Error, "stackTraceLimit", limit);
    }
  };
}

function defineClass(descriptor: StructDescriptor): ExceptionClass {
  const define = fieldDefiner(descriptor);
  const declaresMessage = descriptor.fields.some((field) => field.name === "message");
  const defaults = new Map(descriptor.fields.map((field) => [field.name, field.defaultValue]));

  // A function, not a class: the constructor of ThriftException would define `code` ahead of the fields of the IDL.
  function Declared(fields: Readonly<Record<string, unknown>> = {}): DeclaredException {
    if (new.target === undefined)
      throw new TypeError(`class constructor ${descriptor.name} cannot be invoked without 'new'`);
    const fieldValue = (name: string): unknown => {
      const given = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (given !== undefined) return given;
      const value = defaults.get(name);
      return value === undefined ? undefined : copyConstant(value);
    };
    return define(
      newError(new.target as unknown as ExceptionClass, declaresMessage ? fieldValue("message") : undefined),
      fieldValue,
    );
  }

  Object.setPrototypeOf(Declared, ThriftException);
  Object.defineProperty(Declared, "name", { value: descriptor.name, configurable: true });
  Object.defineProperty(Declared, "descriptor", { value: descriptor, enumerable: true });
  Object.defineProperty(Declared, "prototype", { value: makePrototype(descriptor, Declared), writable: false });
  return Declared as unknown as ExceptionClass;
}

/** What instances inherit where the IDL declares no field of that name. */
function makePrototype(descriptor: StructDescriptor, constructor: object): object {
  const hidden = (value: unknown): PropertyDescriptor => ({
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
  return Object.create(ThriftException.prototype, {
    constructor: hidden(constructor),
    name: hidden(descriptor.name),
    message: hidden(`the peer or a handler threw ${descriptor.qualifiedName}`),
    code: hidden("ERR_THRIFT_DECLARED"),
  }) as object;
}

/** A text given as message goes through Error, so that the head of the stack trace shows it. */
function newError(target: ExceptionClass, message: unknown): DeclaredException {
  const parameters = typeof message === "string" ? [message] : [];
  return Reflect.construct(Error, parameters, target) as DeclaredException;
}

type Define = (error: DeclaredException, fieldValue: (name: string) => unknown) => DeclaredException;

function fieldDefiner(descriptor: StructDescriptor): Define {
  const names = descriptor.fields.map((field) => field.name);
  // Only `stack` and `message` are there before; deleting them first keeps the declared order.
  const clashing = names.filter((name) => name === "stack" || name === "message");
  return (error, fieldValue) => {
    for (const name of clashing) Reflect.deleteProperty(error, name);
    for (const name of names) {
      Object.defineProperty(error, name, {
        value: fieldValue(name),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return error;
  };
}
