DROP TABLE hub_secrets, contact_points;
