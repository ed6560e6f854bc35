/** The services that the peers of these tests serve and call. What each method does stands here, for every language. */
namespace go everything
namespace py everything

typedef i64 Id
typedef list<Point> Path

enum Color {
  RED = 1
  GREEN = 2
  DARK = -7
  LAST = 2147483647
}

/** Python takes it as a key of maps for the sake of the annotation. */
struct Point {
  1: required i32 x
  2: required i32 y
} (python.immutable = "")

union Shape {
  1: Point point
  2: Path path
  3: string name
  4: Id id
}

/** Every type. Calls set every field but the optional ones, since peers differ in what they write for the others. */
struct Values {
  1: bool flag
  2: i8 tiny
  3: i16 small
  4: i32 medium
  5: i64 large
  6: double real
  7: string text
  8: binary bytes
  9: Color color
  10: Id id
  11: Point point
  12: Shape shape
  13: list<i64> numbers
  14: set<string> words
  15: map<string, Point> places
  16: map<i32, list<map<string, set<i16>>>> nested
  17: list<bool> flags
  100: optional map<Point, string> names
  101: optional Values child
}

exception NotFound {
  1: string message
  2: i32 code
  3: optional Point near
}

exception Forbidden {
  1: string who
}

service Base {
  void ping()
  /** The name of the service that answers. */
  string name()
}

service Everything extends Base {
  /** These give the argument back. */
  Values echo(1: Values value)
  bool echoBool(1: bool value)
  i8 echoI8(1: i8 value)
  i16 echoI16(1: i16 value)
  i32 echoI32(1: i32 value)
  i64 echoI64(1: i64 value)
  double echoDouble(1: double value)
  string echoString(1: string value)
  binary echoBinary(1: binary value)
  Color echoColor(1: Color value)
  Shape echoShape(1: Shape value)
  list<Point> echoList(1: list<Point> value)
  set<i32> echoSet(1: set<i32> value)
  map<string, list<i64>> echoMap(1: map<string, list<i64>> value)

  /** `words`, joined by `glue`, and then `times`. */
  string join(2: list<string> words, 1: string glue, 7: i32 times)

  /**
   * "lost" throws NotFound("é", 404, near (1, -1)), "denied" throws Forbidden("nobody"), "broken" fails with
   * what no method declares; any other key gives (length of the key, 0).
   */
  Point find(1: string key) throws (1: NotFound missing, 4: Forbidden denied)
  void check(1: string key) throws (1: NotFound missing)

  /** Keeps the text; "broken" fails. */
  oneway void note(1: string text)
  /** The texts kept since the last call. */
  list<string> notes()

  /** Answers after so many milliseconds. */
  i32 wait(1: i32 ms)
}

/** Has one method that no server knows. */
service Newer extends Everything {
  void vanish(1: Values value)
}

/** A second service on the same port. */
service Counter extends Base {
  i64 add(1: i64 amount)
}

/** Served by those who speak TTHeader. */
service Meta {
  /**
   * The metainfo that came: each persistent and transient value by "persistent NAME", "transient NAME", and "deadline":
   * the milliseconds that are left, when there is an end. Sends the backward value "answered-by": "meta".
   */
  map<string, string> seen()
  /** Answers with a business status error. */
  string refuse(1: i32 code, 2: string message, 3: map<string, string> extra)
}
