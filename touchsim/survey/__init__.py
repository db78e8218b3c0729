"""Who is asked, who answers and what they tick: the questionnaire and its respondents; reads logs, knows no engine."""
