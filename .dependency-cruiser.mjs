// Configuration of dependency-cruiser: the layers, for this checkout.
import { layers } from './scripts/layers.ts'

export default layers(import.meta.dirname)
