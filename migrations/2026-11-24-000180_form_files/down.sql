DROP TABLE form_files;
