-- Which crisis phrase was found last, by the id, language and version of its list: never a word of the text.
ALTER TABLE escalations ADD COLUMN finding jsonb;
