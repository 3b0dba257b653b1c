// Money of a model's tokens as text: its unit is that of the prices that the user gave, which has no name here.

const CENTS = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const FINE = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })

/** 12.40, 0.0031. */
export const costText = (cost: number): string => (cost === 0 || cost >= 0.1 ? CENTS : FINE).format(cost)
