# What psych says of the items and scales of the kit's own survey; called by tests/study/write.py:
#   Rscript items.R survey.csv items.json

suppressMessages({library(psych); library(jsonlite)})
files <- commandArgs(trailingOnly = TRUE)
survey <- read.csv(files[1])
scales <- list(fulfilment = paste0("OF", 1:3), responsiveness = paste0("RS", 1:3),
               shop = c("PI1", "WA1", "EU1", "CU1", "CO1"), pair = c("SA1", "SA2"))
of <- function(columns) {
  found <- suppressWarnings(alpha(survey[columns], check.keys = FALSE))
  said <- describe(survey[columns], type = 3)
  list(items = columns, alpha = found$total$raw_alpha, alpha_std = found$total$std.alpha, mean = said$mean, sd = said$sd,
       skewness = said$skew, kurtosis = said$kurtosis, item_rest = found$item.stats$r.drop,
       alpha_without = found$alpha.drop$raw_alpha)
}
write(toJSON(c(list(versions = list(psych = as.character(packageVersion("psych")))), lapply(scales, of)),
             digits = I(15), auto_unbox = TRUE, na = "null", pretty = TRUE), files[2])
