/** Names for what the schema holds, so that pages need not spell out paths. */
import type { paths } from './schema'

export type Path = keyof paths & string
export type Method = 'get' | 'post'

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never

export type Body<P extends Path, M extends Method> =
  paths[P] extends Record<M, { requestBody?: infer R }> ? Json<NonNullable<R>> : never

export type Answer<P extends Path, M extends Method> =
  paths[P] extends Record<M, { responses: infer R }> ? Json<R[keyof R & (200 | 201)]> : never

export type Storefront = Answer<'/api/c/{slug}/storefront', 'get'>
export type CardKey = Body<'/api/c/{slug}/cards/check', 'post'>
export type CardView = Answer<'/api/c/{slug}/cards/check', 'post'>
export type RedemptionForm = Body<'/api/c/{slug}/redemptions', 'post'>
export type OrderView = Answer<'/api/c/{slug}/redemptions', 'post'>['order']
export type Receiver = RedemptionForm['receiver']

export interface FieldProblem {
  field: string
  message: string
}
