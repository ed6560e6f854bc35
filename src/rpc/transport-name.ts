/**
 * What stands in front of messages: a length; nothing; a TTHeader; a TTHeader and a length. A server takes whichever
 * comes, and answers the same way.
 */
export type TransportName = "framed" | "buffered" | "ttheader" | "ttheader-framed";
