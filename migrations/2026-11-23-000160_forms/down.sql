DROP TABLE form_reviews, form_submissions, form_drafts, form_assignments, form_versions, forms;
