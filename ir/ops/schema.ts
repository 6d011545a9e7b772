// Attribute schemas that several families share.

import { z } from 'zod'
import { realDTypes } from '../dtype.js'

export const noAttrsSchema = z.strictObject({})
export const dtypeSchema = z.enum(realDTypes)
export const shapeSchema = z.array(z.int().min(0))
export const axisSchema = z.int().min(0)
/** Sorted, distinct, non-negative axes. */
export const axesSchema = z.array(z.int().min(0))
export const integersSchema = z.array(z.int())
