import type { components, operations } from './schema'

type Schemas = components['schemas']

export type Storefront = Schemas['StorefrontView']
export type CardView = Schemas['CardView']
export type ProductView = Schemas['ChoosableProduct']
export type OrderView = Schemas['CustomerOrder']
export type Credentials = Schemas['CheckIn']
export type Receiver = Schemas['ReceiverIn']
export type Redemption = Schemas['RedeemIn']

type CodeOf<Answer> = Answer extends { content: { 'application/json': { error: { code: infer Code } } } } ? Code : never
type CodesOf<Answers> = { [Status in keyof Answers]: CodeOf<Answers[Status]> }[keyof Answers]

/** What the server declares: comparing with a code that it never sends does not compile. */
export type ErrorCode = { [Name in keyof operations]: CodesOf<operations[Name]['responses']> }[keyof operations]
