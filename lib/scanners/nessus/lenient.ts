/** Fields of the scanner's answers that decide little by themselves: what is of another type than expected counts as not said. */
import * as v from 'valibot'

export const maybe = <S extends v.GenericSchema>(schema: S) => v.fallback(v.nullish(schema), undefined)

/** Versions write flags as booleans, numbers and words. */
export const maybeFlag = maybe(
  v.union([
    v.boolean(),
    v.pipe(
      v.picklist([0, 1, '0', '1', 'false', 'true', 'no', 'yes']),
      v.transform((word) => word === 1 || word === '1' || word === 'true' || word === 'yes'),
    ),
  ]),
)
