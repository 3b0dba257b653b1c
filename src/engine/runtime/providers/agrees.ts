// Whether a self-test's differences are within what is allowed.
import type { Agreement } from '../../../shared/contract/providers.ts'

export const agrees = ({ loss, gradient, tolerance }: Agreement): boolean => loss <= tolerance.loss && gradient <= tolerance.gradient
