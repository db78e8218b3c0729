# What lavaan says of a table of moments alone; called by tests/study/write.py:
#   Rscript moments.R survey.csv moments.json
# The survey is the kit's own (tests/equations/survey.csv).  The tables hold n, means, SDs and correlations of some of its
# items, once to 15 digits and once rounded to two decimals, and lavaan hears them by sample.cov and sample.nobs.

suppressMessages({library(lavaan); library(jsonlite)})
files <- commandArgs(trailingOnly = TRUE)
survey <- read.csv(files[1])
scales <- list(fulfilment = "OF", responsiveness = "RS", returns = "ER", satisfaction = "SA", repurchase = "RP")
items <- unlist(lapply(scales, function(short) paste0(short, 1:3)))
answers <- survey[items]
measured <- paste(sapply(names(scales), function(name)
  paste0(name, " =~ ", paste0(scales[[name]], 1:3, collapse = " + "))), collapse = "\n")
model <- paste(measured, "satisfaction ~ fulfilment + responsiveness + returns", "repurchase ~ satisfaction", sep = "\n")

of <- function(digits) {
  means <- round(colMeans(answers), digits)
  sds <- round(sapply(answers, sd), digits)
  correlations <- round(cor(answers), digits)
  covariance <- diag(sds) %*% correlations %*% diag(sds)
  dimnames(covariance) <- list(items, items)
  hear <- function(what, ...) sem(what, sample.cov = covariance, sample.nobs = nrow(answers), ...)
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
  list(columns = items, n = nrow(answers), mean = unname(means), sd = unname(sds), correlation = unname(correlations),
       names = paste0(free$lhs, "~", free$rhs)[keep], est = free$est[keep], se = free$se[keep],
       std = std$est.std[std$op == "~"], std_se = std$se[std$op == "~"],
       measures = as.list(unclass(fitMeasures(fit, c("chisq", "df", "cfi", "tli", "rmsea", "srmr", "aic", "bic")))))
}
golden <- list(versions = list(R = R.version.string, lavaan = as.character(packageVersion("lavaan"))),
               full = of(15), rounded = of(2))
write(toJSON(golden, digits = I(15), auto_unbox = TRUE, na = "null", pretty = FALSE), files[2])
