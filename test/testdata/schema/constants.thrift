// Every kind of constant that the JSON generator of Apache's compiler can print.
enum Color { RED = 1, GREEN, NEGATIVE = -7, HEX = 0xFF, NEXT }
typedef Color Colour
typedef i32 Int
struct Point { 1: i32 x = 5, 2: optional string label = "none", 3: list<Color> colors = [Color.RED, 2] }
union Choice { 1: i32 a = 4, 2: string b }
exception Bad { 1: string why = "because" }
const bool YES = true
const bool NO = 0
const i8 TINY = -128
const i16 SMALL = 0x7FFF
const i32 MEDIUM = -0x1F
const Int ALIAS = MEDIUM
const i64 LARGE = 9223372036854775807
const i64 LOW = -9223372036854775808
const i64 FROM_SMALL = SMALL
const double REAL = 1.5e-3
const double WHOLE = 3
const double FROM_INT = MEDIUM
const double TRUTH = true
const string TEXT = 'it is "quoted"'
const string COPY = TEXT
const binary BYTES = "bytes"
const list<list<i32>> NESTED = [[1, 2], [], [MEDIUM]]
const set<string> SET = ["a", "b"]
const map<string, list<double>> MAP = {"a": [1, 2.5], "b": []}
const map<Color, string> BY_COLOR = {Color.RED: "r", 2: "g"}
const Color COLOR = Color.GREEN
const Colour OTHER = Colour.NEGATIVE
const i32 NUMBER = Color.NEXT
const Point ORIGIN = {"colors": [Color.HEX], "x": 0}
const map<string, Point> POINTS = {"a": {}, "b": {"label": TEXT}}
const Choice CHOICE = {"b": "chosen"}
const Bad BAD = {"why": "not"}
struct Defaults { 1: Point p = {"x": 1}, 2: optional Color c = Color.RED, 3: i64 big = 1152921504606846976, 4: bool b = 1, 5: Choice u = {"a": 1} }
