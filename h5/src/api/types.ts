import type { components, operations } from './schema'

type Schemas = components['schemas']

export type Storefront = Schemas['StorefrontView']
export type CardView = Schemas['CardView']
export type ProductView = Schemas['ChoosableProduct']
export type OrderView = Schemas['CustomerOrder']
export type PublicOrderView = Schemas['PublicOrder']
export type Correction = Schemas['CorrectionIn']
export type Check = Schemas['CheckIn']
export type Credentials = Pick<Check, 'number' | 'password' | 'source'>
export type CaptchaAnswer = Schemas['CaptchaAnswer']
export type CaptchaView = Schemas['CaptchaOut']
export type Receiver = Schemas['ReceiverIn']
export type DaysView = Schemas['DaysView']
export type OfferedDay = Schemas['OfferedDay']
export type SplitAddress = Schemas['SplitAddress']
export type Area = Schemas['Area']
/** What the customer wants: the key goes with exactly this. */
export type Redemption = Omit<Schemas['RedeemIn'], 'captcha' | 'uses_left_seen'>
/** What the request says besides; it may differ when the same is sent again. */
export type Aside = Pick<Schemas['RedeemIn'], 'captcha' | 'uses_left_seen'>

type CodeOf<Answer> = Answer extends { content: { 'application/json': { error: { code: infer Code } } } } ? Code : never
type CodesOf<Answers> = { [Status in keyof Answers]: CodeOf<Answers[Status]> }[keyof Answers]

/** What the server declares: comparing with a code that it never sends does not compile. */
export type ErrorCode = { [Name in keyof operations]: CodesOf<operations[Name]['responses']> }[keyof operations]
