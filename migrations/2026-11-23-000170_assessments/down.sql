DROP TABLE assessments, assessment_plans;
