/** Names for what the schema holds, so that pages need not spell out paths. */
import type { components, paths } from './schema'

export type Path = keyof paths & string
export type Method = 'get' | 'post'

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never

export type Body<P extends Path, M extends Method> =
  paths[P] extends Record<M, { requestBody?: infer R }> ? Json<NonNullable<R>> : never

export type Query<P extends Path, M extends Method> =
  paths[P] extends Record<M, { parameters: { query?: infer Q } }> ? NonNullable<Q> : never

export type Answer<P extends Path, M extends Method> =
  paths[P] extends Record<M, { responses: infer R }> ? Json<R[keyof R & (200 | 201)]> : never

type Schemas = components['schemas']

export type Storefront = Schemas['StorefrontView']
export type CardKey = Pick<Schemas['CheckIn'], 'number' | 'password'>
export type CardView = Schemas['CardView']
export type Product = Schemas['ChoosableProduct']
export type CaptchaAnswer = Schemas['CaptchaAnswer']
export type DaysView = Schemas['DaysView']
export type SplitAddress = Schemas['SplitAddress']
export type OrderView = Schemas['CustomerOrder']
export type Receiver = Schemas['ReceiverIn']
export type Correction = Pick<Schemas['CorrectionIn'], 'receiver' | 'ship_on'>

/** What is wanted: all that the server compares when a request comes again under the same key. */
export type RedemptionForm = Omit<Schemas['RedeemIn'], 'captcha' | 'uses_left_seen'>

export interface FieldProblem {
  field: string
  message: string
}
