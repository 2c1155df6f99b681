/** Short names for what the API carries; all derived from the generated schema, none written by hand. */
import type { paths } from './schema'

type Json<R> = R extends { content: { 'application/json': infer T } } ? T : never
type Answers<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends { responses: infer R } ? R : never
type Answer<P extends keyof paths, M extends keyof paths[P], S> = S extends keyof Answers<P, M> ? Json<Answers<P, M>[S]> : never
type Body<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends { requestBody?: infer B } ? Json<NonNullable<B>> : never
type Query<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } } ? NonNullable<Q> : never

export type Me = Answer<'/api/m/session', 'get', 200>
export type Permission = Me['staff']['permissions'][number]
export type Home = Answer<'/api/m/home', 'get', 200>
export type Storefront = Answer<'/api/m/storefront', 'get', 200>
export type StorefrontSettings = Answer<'/api/m/settings/storefront', 'get', 200>
export type StorefrontSettingsIn = Body<'/api/m/settings/storefront', 'put'>
export type PickupSettings = Answer<'/api/m/settings/pickup', 'get', 200>
export type PickupSettingsIn = Body<'/api/m/settings/pickup', 'put'>
/** A division of any level. */
export type Area = PickupSettings['undeliverable'][number]
export type AppointmentRule = Answer<'/api/m/settings/appointments', 'get', 200>
export type AppointmentRuleIn = Body<'/api/m/settings/appointments', 'put'>
export type DaysView = Answer<'/api/m/settings/appointments/preview', 'post', 200>
export type OfferedDay = DaysView['days'][number]
export type DayFigures = Answer<'/api/m/appointments', 'get', 200>['items'][number]
export type Product = Answer<'/api/m/products/{product_id}', 'get', 200>
export type ProductIn = Body<'/api/m/products', 'post'>
export type ProductPicture = Product['pictures'][number]
export type ProductsQuery = Query<'/api/m/products'>
export type Batch = Answer<'/api/m/batches/{batch_id}', 'get', 200>
export type BatchIn = Body<'/api/m/batches', 'post'>
export type BatchMade = Answer<'/api/m/batches', 'post', 201>
export type CardPage = Answer<'/api/m/cards', 'get', 200>
export type Card = CardPage['items'][number]
export type CardsQuery = Query<'/api/m/cards'>
export type CardAction = Body<'/api/m/cards/{card_id}/status', 'post'>['action']
export type CardStatistics = Answer<'/api/m/cards/statistics', 'get', 200>
export type CardHistory = Answer<'/api/m/reports/cards/{card_id}', 'get', 200>
export type SelectionIn = Body<'/api/m/cards/selections', 'post'>
export type SelectionAction = SelectionIn['action']
export type CardFilter = SelectionIn['filter']
export type CardEdit = NonNullable<SelectionIn['edit']>
export type Selection = Answer<'/api/m/cards/selections', 'post', 201>
export type Finding = Selection['unchanged'][number]
export type SelectionApplyIn = Body<'/api/m/cards/selections/{selection_id}/apply', 'post'>
export type CardExportIn = Body<'/api/m/cards/exports', 'post'>
export type ExportColumn = CardExportIn['columns'][number]
export type ExportPictures = NonNullable<CardExportIn['pictures']>
export type SavedFilter = Answer<'/api/m/cards/filters', 'get', 200>['items'][number]
export type ImportIn = Body<'/api/m/cards/imports', 'post'>
export type UploadedFile = Answer<'/api/m/cards/imports/files', 'post', 201>
export type Distributor = Answer<'/api/m/distributors', 'get', 200>['items'][number]
export type DistributorIn = Body<'/api/m/distributors', 'post'>
export type DistributorRow = Answer<'/api/m/reports/distributors', 'get', 200>['items'][number]
export type JobPage = Answer<'/api/m/jobs', 'get', 200>
/** A job as the list, the live events and the calls that start one carry it. */
export type JobView = JobPage['items'][number]
export type JobStatus = JobView['status']
export type JobFile = NonNullable<JobView['file']>
export type OrderPage = Answer<'/api/m/orders', 'get', 200>
export type Order = OrderPage['items'][number]
/** One order with all that was changed of it. */
export type OrderDetail = Answer<'/api/m/orders/{order_id}', 'get', 200>
export type OrderChange = OrderDetail['changes'][number]
export type OrdersQuery = Query<'/api/m/orders'>
export type OrdersStatus = NonNullable<OrdersQuery['status']>
/** A card whose password was right, at the counter. */
export type CounterCard = Answer<'/api/m/counter/check', 'post', 200>
export type Guessing = Answer<'/api/m/guessing', 'get', 200>
export type LockedCard = Guessing['locked'][number]
export type AttackedPrefix = Guessing['prefixes'][number]
export type TryingAddress = Guessing['addresses'][number]
export type WrongTry = Guessing['recent'][number]
export type AddressBlock = Guessing['blocks'][number]
export type Courier = Answer<'/api/m/couriers', 'get', 200>['items'][number]
export type Staff = Answer<'/api/m/staff', 'get', 200>['items'][number]
export type StaffIn = Body<'/api/m/staff', 'post'>
export type StaffEdit = Body<'/api/m/staff/{staff_id}', 'put'>
