// What a file of distributions may claim before anything of it is believed.

/** Tokens named in one row; 8 to 64 are of use (methods.md section 3). */
export const MOST_K = 1024
/** Bytes of the header's text and of its list of shared tokens. */
export const MOST_META = 1 << 20
export const MOST_SHARED = 1 << 22
/** Rows of one record: the tokens of one example. */
export const MOST_ROWS = 1 << 22
