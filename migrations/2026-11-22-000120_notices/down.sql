DROP INDEX entries_at;
DROP TABLE notification_watermark, reminders, notification_preferences, notification_deliveries, notifications;
DROP SEQUENCE notifications_told;
