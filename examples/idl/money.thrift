/** Money, as the shop and the catalogue both need it. */
namespace * shop.money

enum Currency { EUR = 1, USD = 2, CNY = 3 }

/** Smallest units, so that nothing is rounded: 1999 is 19.99 EUR. */
struct Price {
  1: required i64 units
  2: Currency currency = Currency.EUR
}
