DROP TABLE document_signatures, document_versions, documents;
