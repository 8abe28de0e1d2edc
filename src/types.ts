/**
 * The public types in one place. Nothing is declared by hand: each is derived from the schema that checks it or lives
 * beside the SQL that reads it, and is named here once for whoever builds on this project. Types only.
 */

// Accounts and pairing: requests and answers of the routes outside the registry.
export type * from "./api-types.ts";

// What a couple can do: inputs, outputs and events by name, from the registry.
export type {
  CommandName,
  InputOf,
  OperationName,
  OutputOf,
  QueryName,
  RelationshipEvent,
} from "./client/operations.ts";

// What a couple has, as it is shown to them.
export type { AchievementView } from "./domain/achievements/schema.ts";
export type { Activity, ActivityStatus, ActivityType } from "./domain/activities/schema.ts";
export type { ChallengeEntry, Participation, ParticipationStatus } from "./domain/challenges/schema.ts";
export type { Checkin } from "./domain/checkins/schema.ts";
export type { Conversation, ConversationType } from "./domain/conversations/schema.ts";
export type { Milestone } from "./domain/dates/milestone-schema.ts";
export type { DateType, ImportantDate } from "./domain/dates/schema.ts";
export type { Goal, GoalStatus, GoalType } from "./domain/goals/schema.ts";
export type { Import, ImportKind, RunOutput as ImportReport } from "./domain/imports/schema.ts";
export type { Notification, NotificationPriority, NotificationType } from "./domain/inbox/schema.ts";
export type { NotificationKind, Preferences, QuietHours } from "./domain/inbox/preferences.ts";
export type { Inspection } from "./domain/inspection/schema.ts";
export type { EngagementScore } from "./domain/insights/engagement.ts";
export type { HealthScore } from "./domain/insights/health.ts";
export type { Dashboard, Snapshot, Trends } from "./domain/insights/schema.ts";
export type { Why } from "./domain/insights/why-schema.ts";
export type { Note } from "./domain/notes/schema.ts";
export type { Photo, PhotoType } from "./domain/photos/schema.ts";
export type { QuestionDay } from "./domain/questions/schema.ts";
export type { RelationshipStatus } from "./domain/membership/rules.ts";

// The contract of the wire.
export type { ClientFrame, Cursors, EventMessage, ServerFrame } from "./protocol/frames.ts";
export type { ErrorBody, ErrorCode, ErrorDetails, FieldIssue } from "./protocol/errors.ts";
export type { IdKind } from "./protocol/ids.ts";
export type { MembershipState } from "./protocol/membership.ts";

// Catalogues: what exists for everybody.
export type { Achievement, AchievementCategory, AchievementType, Metric } from "./domain/achievements/catalogue.ts";
export type { Question, QuestionCategory } from "./domain/questions/catalogue.ts";
export type { ChallengeCadence, ChallengeCategory, ChallengeTemplate } from "./domain/challenges/catalogue.ts";
export type { Addon, CreditPack, Plan, PlanFeatures, PlanLimits, PlanType } from "./billing/catalogue.ts";

// Rows of D1, as their queries read them.
export type { AddonRow, CreditPackRow, PlanRow } from "./db/price-list.ts";
export type { AuditRow, LookRow } from "./db/audit-log.ts";
export type { InvitationRow, ReceivedInvitationRow } from "./db/invitations.ts";
export type { MailRow } from "./db/mail-outbox.ts";
export type { MembershipRow, PersonRow } from "./db/members.ts";
export type { OutboxRow } from "./db/object-outbox.ts";
export type { OverdueRow } from "./db/relationships.ts";
export type { LiveSessionRow, SessionRow } from "./db/sessions.ts";
export type { ScoreRow, SnapshotRow, SummaryRow } from "./db/summaries.ts";
export type { LoveLanguage, ProfileRow } from "./db/users.ts";

// The payment and analytics tables, column by column.
export type { AnalyticsEvent, PageView, UserSession } from "./db/analytics-rows.ts";
export type { AICredit, PaymentTransaction, Subscription, SubscriptionPlan } from "./db/payment-rows.ts";
