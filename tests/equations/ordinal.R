# What lavaan says of items on few points (estimator WLSMV); called by tests/equations/write.py:
#   Rscript ordinal.R survey.csv ordinal.json
# Every case: fit measures, every parameter (raw and std.all), thresholds, polychoric correlations and the diagonal of
# their covariance.  Newton's steps on lavaan's own gradient and Hessian polish its estimates, as in lavaan.R.

suppressMessages(library(lavaan))
library(jsonlite)
files <- commandArgs(trailingOnly = TRUE)
survey <- read.csv(files[1])
items <- names(survey)[-(1:2)]
polished <- function(model, data, ...) {
  first <- sem(model, data, ordered = names(data), estimator = "WLSMV", ...)
  fit <- first
  for (step in 1:4) {
    table <- parTable(fit)
    bound <- fit@Model@eq.constraints.K
    if (!fit@Model@eq.constraints) bound <- diag(fit@Model@nx.free)
    slope <- crossprod(bound, as.numeric(lavTech(fit, "gradient")))
    move <- bound %*% solve(crossprod(bound, lavInspect(fit, "hessian") %*% bound), slope)
    table$start[table$free > 0] <- table$est[table$free > 0] - as.numeric(move)
    table$est <- table$start
    fit <- sem(table, data, ordered = names(data), estimator = "WLSMV", optim.method = "none",
               slotSampleStats = first@SampleStats)
  }
  fit
}
hs <- HolzingerSwineford1939[paste0("x", 1:9)]
hs <- as.data.frame(lapply(hs, function(x) as.integer(cut(x, c(-Inf, quantile(x, c(.1, .4, .8)), Inf)))))
five <- as.data.frame(lapply(survey[1:500, items], function(x) pmin(pmax(x - 1L, 1L), 5L)))
two <- as.data.frame(lapply(survey[items], function(x) as.integer(x > 5)))
few_items <- c("OF1", "OF2", "OF3", "ER1", "ER2", "ER3", "SA1", "SA2", "SA3")

hs_model <- "visual =~ x1 + x2 + x3
             textual =~ x4 + x5 + x6
             speed =~ x7 + x8 + x9"
scales <- list(
  product_information = "PI", appearance = "WA", ease_of_use = "EU", customisation = "CU", checkout = "CO",
  security = "SE", fulfilment = "OF", responsiveness = "RS", returns = "ER", satisfaction = "SA", repurchase = "RP",
  recommendation = "RC", willingness_to_pay = "WP"
)
measured <- function(names) paste(sapply(names, function(name)
  paste0(name, " =~ ", paste0(scales[[name]], 1:3, collapse = " + "))), collapse = "\n")
kit_model <- paste(measured(names(scales)), paste("satisfaction ~", paste(names(scales)[1:9], collapse = " + ")),
  "repurchase ~ satisfaction", "recommendation ~ satisfaction", "willingness_to_pay ~ satisfaction", sep = "\n")
few <- measured(c("fulfilment", "returns", "satisfaction"))
# One-item drivers and outcomes stand behind their items with variance 1, as the others do.
observed <- "satisfaction =~ SA1 + SA2 + SA3
             OF =~ 1*OF1
             RS =~ 1*RS1
             OF ~~ 1*OF
             RS ~~ 1*RS
             satisfaction ~ OF + RS
             RP1 ~ satisfaction"
equal <- "fulfilment =~ OF1 + a*OF2 + a*OF3
          returns =~ ER1 + ER2 + ER3
          satisfaction =~ SA1 + SA2 + SA3
          fulfilment ~~ 0.3*returns
          OF1 ~~ ER1"

measures <- c("npar", "chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "rmsea",
              "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.pvalue", "srmr", "chisq.scaled", "pvalue.scaled",
              "chisq.scaling.factor", "baseline.chisq.scaled", "cfi.scaled", "tli.scaled", "rmsea.scaled",
              "rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled")
of <- function(fit) {
  free <- parameterEstimates(fit, remove.nonfree = FALSE)
  free <- free[!free$op %in% c("~1", "~*~"), ]
  std <- standardizedSolution(fit)
  at <- match(paste(free$lhs, free$op, free$rhs), paste(std$lhs, std$op, std$rhs))
  gamma <- lavInspect(fit, "gamma")
  names <- lavNames(fit, "ov")
  pairs <- length(names) * (length(names) - 1) / 2
  list(measures = as.list(unclass(fitMeasures(fit, measures))), n = lavInspect(fit, "nobs"),
       shift = fit@test[[2]]$shift.parameter, columns = names,
       correlations = unclass(unname(lavInspect(fit, "sampstat")$cov)),
       gamma = unname(tail(diag(gamma), pairs)), gamma_sum = sum(tail(t(tail(gamma, pairs)), pairs)),
       parameters = data.frame(name = paste0(free$lhs, free$op, free$rhs), est = free$est, se = free$se,
                               std = std$est.std[at], std_se = std$se[at]))
}
golden <- list(
  versions = list(R = R.version.string, lavaan = as.character(packageVersion("lavaan"))),
  hs_four = of(polished(hs_model, hs)),
  kit_seven = of(polished(kit_model, survey[items])),
  kit_five = of(polished(kit_model, five)),
  few_five = of(polished(few, five[few_items], std.lv = TRUE)),
  few_two = of(polished(few, two[few_items])),
  few_equal = of(polished(equal, five[few_items])),
  observed = of(polished(observed, five[c("SA1", "SA2", "SA3", "OF1", "RS1", "RP1")]))
)
write(toJSON(golden, digits = I(15), auto_unbox = TRUE, na = "null", pretty = FALSE), files[2])
