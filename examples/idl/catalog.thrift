/** What can be bought. */
namespace * shop.catalog

include "money.thrift"

typedef string Sku
typedef map<string, string> Attributes

const i32 MAX_TAGS = 32

struct Product {
  1: required Sku sku
  2: required string title
  3: required money.Price price
  4: set<string> tags
  5: optional Attributes attributes
  6: optional binary thumbnail
}

exception UnknownProduct {
  1: Sku sku
  2: string message = "no such product"
}
