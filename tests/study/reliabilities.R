# What lavaan says of a table of scale scores whose reliabilities are stated; called by tests/study/write.py:
#   Rscript reliabilities.R survey.csv reliabilities.json
# The survey is the kit's own (tests/equations/survey.csv).  Each score is the single indicator of its construct, with
# the error variance (1 - alpha) var(score) fixed; variances are over n, as the likelihood has them.

suppressMessages({library(lavaan); library(jsonlite)})
files <- commandArgs(trailingOnly = TRUE)
survey <- read.csv(files[1])
scales <- list(fulfilment = "OF", responsiveness = "RS", returns = "ER", satisfaction = "SA", repurchase = "RP")
scores <- sapply(scales, function(short) rowMeans(survey[paste0(short, 1:3)]))
n <- nrow(scores)
alphas <- c(fulfilment = 0.84, responsiveness = 0.81, returns = 0.79, satisfaction = 0.88, repurchase = 0.83)
colnames(scores) <- paste0("s_", names(scales))
covariance <- cov(scores)
measured <- sapply(names(scales), function(name) {
  score <- paste0("s_", name)
  error <- (1 - alphas[[name]]) * covariance[score, score] * (n - 1) / n
  sprintf("%s =~ 1*%s\n%s ~~ %.17g*%s", name, score, score, error, score)
})
model <- paste(c(measured, "satisfaction ~ fulfilment + responsiveness + returns", "repurchase ~ satisfaction"),
               collapse = "\n")
hear <- function(what, ...) sem(what, sample.cov = covariance, sample.nobs = n, ...)
fit <- hear(model)
for (step in 1:3) {  # Newton's steps on lavaan's own gradient and Hessian, as in tests/equations/lavaan.R
  table <- parTable(fit)
  move <- solve(lavInspect(fit, "hessian"), as.numeric(lavTech(fit, "gradient")))
  table$start[table$free > 0] <- table$est[table$free > 0] - as.numeric(move)
  table$est <- table$start
  fit <- hear(table, optim.method = "none")
}
free <- parameterEstimates(fit, remove.nonfree = FALSE)
std <- standardizedSolution(fit)
keep <- free$op == "~"
r2 <- lavInspect(fit, "rsquare")
golden <- list(versions = list(R = R.version.string, lavaan = as.character(packageVersion("lavaan"))),
               n = n, alphas = as.list(alphas), names = paste0(free$lhs, "~", free$rhs)[keep], est = free$est[keep],
               se = free$se[keep], std = std$est.std[std$op == "~"], std_se = std$se[std$op == "~"],
               r2 = as.list(r2[c("satisfaction", "repurchase")]),
               measures = as.list(unclass(fitMeasures(fit, c("chisq", "df", "cfi", "tli", "rmsea", "srmr", "aic", "bic")))))
write(toJSON(golden, digits = I(15), auto_unbox = TRUE, na = "null", pretty = FALSE), files[2])
