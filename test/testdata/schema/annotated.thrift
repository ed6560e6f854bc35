/** file doc */

namespace py a.b (k = "v")
namespace * zz
/** typedef
 * doc */
typedef list<i32 (e="1")> (l="2") L (t="3")
/** enum */
enum E { /** mem */ A = 1 (m="x") } (en = "1")
/** struct */
struct S {
 /** field */
 1: i32 (cpp="y") a (fa)
 2: optional map<string, list<binary>> b
 -3: i32 c
 i32 d
 4: L l = [1]
 5: E e = E.A
 6: double g = 1e3
} (sa = "z")
union U { 1: required i32 a; 2: optional i32 b; 3: i32 c }
exception X { 1: i32 a } (xa="1")
/** svc */
service V { /** m */ oneway void f(/** arg */ 1: i32 a (aa="1")) (ma="1"), i32 g(1: i32 b, i32 c = 3) throws (1: X x (q="1"), X y), oneway i32 h() } (sv="1")
const i64 big = 9223372036854775807
const i64 hx = 0xff
const double d = 1.5
const double d2 = 3
const map<string, list<i32>> m = {"a": [1,2], "b": []}
const E ee = E.A
const bool t = true
