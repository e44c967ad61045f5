"""What the settings of a profile mean to the AWS CLI and botocore."""
