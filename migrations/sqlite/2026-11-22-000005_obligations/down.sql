DROP TABLE paper_recipients;
DROP TABLE digests;
DROP TABLE obligations;
