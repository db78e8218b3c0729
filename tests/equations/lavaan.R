# What lavaan says of the models that touchsim is held against; called by tests/equations/write.py:
#   Rscript lavaan.R survey.csv bank.csv lavaan.json
# Every case: the call's settings, fit measures, every parameter (raw and std.all) and, for public data, the moments.

suppressMessages(library(lavaan))
library(jsonlite)
# lavaan's own stop (a relative 1e-10 of F) leaves figures of a flat likelihood off by 1e-3: Newton's steps on its own
# gradient and Hessian, then its figures at the place where they end.
polished <- function(model, data, ...) {
  fit <- sem(model, data, ...)
  for (step in 1:3) {
    table <- parTable(fit)
    bound <- fit@Model@eq.constraints.K
    if (!fit@Model@eq.constraints) bound <- diag(fit@Model@nx.free)
    slope <- crossprod(bound, as.numeric(lavTech(fit, "gradient")))
    move <- bound %*% solve(crossprod(bound, lavInspect(fit, "hessian") %*% bound), slope)
    table$start[table$free > 0] <- table$est[table$free > 0] - as.numeric(move)
    table$est <- table$start
    fit <- sem(table, data, ..., optim.method = "none")
  }
  fit
}
files <- commandArgs(trailingOnly = TRUE)
survey <- read.csv(files[1])
bank <- read.csv(files[2])

hs <- HolzingerSwineford1939
hs$age <- ifelse(hs$ageyr <= 12, "to 12", ifelse(hs$ageyr == 13, "13", "from 14"))
hs_model <- "visual =~ x1 + x2 + x3
             textual =~ x4 + x5 + x6
             speed =~ x7 + x8 + x9"
pd_model <- "ind60 =~ x1 + x2 + x3
             dem60 =~ y1 + y2 + y3 + y4
             dem65 =~ y5 + y6 + y7 + y8
             dem60 ~ ind60
             dem65 ~ ind60 + dem60
             y1 ~~ y5
             y2 ~~ y4 + y6
             y3 ~~ y7
             y4 ~~ y8
             y6 ~~ y8"
pd_equal <- "ind60 =~ x1 + x2 + x3
             dem60 =~ y1 + a*y2 + b*y3 + c*y4
             dem65 =~ y5 + a*y6 + b*y7 + c*y8
             dem60 ~ ind60
             dem65 ~ ind60 + dem60
             y1 ~~ y5
             y2 ~~ y4 + y6
             y3 ~~ y7
             y4 ~~ y8
             y6 ~~ y8"
scales <- list(
  product_information = "PI", appearance = "WA", ease_of_use = "EU", customisation = "CU", checkout = "CO",
  security = "SE", fulfilment = "OF", responsiveness = "RS", returns = "ER", satisfaction = "SA", repurchase = "RP",
  recommendation = "RC", willingness_to_pay = "WP"
)
measured <- paste(sapply(names(scales), function(name)
  paste0(name, " =~ ", paste0(scales[[name]], 1:3, collapse = " + "))), collapse = "\n")
kit_model <- paste(measured, paste("satisfaction ~", paste(names(scales)[1:9], collapse = " + ")),
  "repurchase ~ satisfaction", "recommendation ~ satisfaction", "willingness_to_pay ~ satisfaction", sep = "\n")
few <- paste(sapply(c("fulfilment", "returns", "satisfaction"), function(name)
  paste0(name, " =~ ", paste0(scales[[name]], 1:3, collapse = " + "))), collapse = "\n")
bank_scales <- list(image = c("imag", 5), expectation = c("expe", 5), quality = c("qual", 5), value = c("val", 4),
                    satisfaction = c("sat", 4), loyalty = c("loy", 4))
bank_measured <- paste(sapply(names(bank_scales), function(name) { one <- bank_scales[[name]]
  paste0(name, " =~ ", paste0(one[1], seq_len(as.integer(one[2])), collapse = " + ")) }), collapse = "\n")
bank_model <- paste(bank_measured, "satisfaction ~ image + expectation + quality + value", "loyalty ~ satisfaction",
                    sep = "\n")

measures <- c("npar", "chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "logl", "aic", "bic",
              "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.pvalue", "srmr")
robust <- c("chisq.scaled", "pvalue.scaled", "chisq.scaling.factor", "baseline.chisq.scaled", "cfi.scaled", "tli.scaled",
            "rmsea.scaled", "rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled", "cfi.robust", "tli.robust", "rmsea.robust",
            "rmsea.ci.lower.robust", "rmsea.ci.upper.robust")

of <- function(fit, moments = FALSE) {
  asked <- if (lavInspect(fit, "options")$estimator == "ML" && "chisq.scaled" %in% names(fitMeasures(fit)))
    c(measures, robust) else measures
  free <- parameterEstimates(fit, remove.nonfree = FALSE)
  free$group <- if (is.null(free$group)) 1L else free$group
  std <- standardizedSolution(fit)
  at <- match(paste(free$lhs, free$op, free$rhs, free$group),
              paste(std$lhs, std$op, std$rhs, if (is.null(std$group)) 1L else std$group))
  rows <- data.frame(group = free$group, name = paste0(free$lhs, free$op, ifelse(free$op == "~1", "", free$rhs)),
                     est = free$est, se = free$se, std = std$est.std[at], std_se = std$se[at])
  stats <- lavInspect(fit, "sampstat")
  if (!is.null(stats$cov)) stats <- list(all = stats)
  found <- list(measures = as.list(unclass(fitMeasures(fit, asked))), parameters = rows,
                groups = I(names(stats)), n = I(as.integer(lavInspect(fit, "nobs"))))
  if (moments) found$moments <- lapply(stats, function(one)
    list(columns = colnames(one$cov), cov = unclass(unname(one$cov)), mean = as.numeric(one$mean)))
  found
}
invariance <- function(model, data, group, estimator, moments = FALSE) {
  steps <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"))
  fits <- lapply(steps, function(equal) polished(model, data, group = group, group.equal = equal,
                                                estimator = estimator))
  test <- lavTestLRT(fits[[1]], fits[[2]], fits[[3]])
  list(fits = Map(function(fit, first) of(fit, moments && first), fits, c(TRUE, FALSE, FALSE)),
       difference = list(chisq = test[["Chisq diff"]][-1], df = test[["Df diff"]][-1], p = test[["Pr(>Chisq)"]][-1]))
}

# What semTools says of the same scales: omega and AVE of reliability() are in the raw metric.
scales_of <- function(model, data) {
  fit <- polished(model, data)
  table <- suppressWarnings(semTools::reliability(fit))
  apart <- function(htmt2) { m <- semTools::htmt(model, data, htmt2 = htmt2, absolute = FALSE); unclass(m) }
  list(construct = colnames(table), alpha = as.numeric(table["alpha", ]), omega = as.numeric(table["omega", ]),
       ave = as.numeric(table["avevar", ]), htmt = unname(apart(FALSE)), htmt2 = unname(apart(TRUE)))
}

golden <- list(
  versions = list(R = R.version.string, lavaan = as.character(packageVersion("lavaan")),
                  semTools = as.character(packageVersion("semTools"))),
  hs = of(polished(hs_model, hs), TRUE),
  hs_variance = of(polished(hs_model, hs, std.lv = TRUE)),
  hs_means = of(polished(hs_model, hs, meanstructure = TRUE), TRUE),
  hs_mlr = of(polished(hs_model, hs, estimator = "MLR")),
  hs_groups = invariance(hs_model, hs, "age", "ML", TRUE),
  hs_groups_mlr = invariance(hs_model, hs, "age", "MLR"),
  pd = of(polished(pd_model, PoliticalDemocracy), TRUE),
  pd_mlr = of(polished(pd_model, PoliticalDemocracy, estimator = "MLR")),
  pd_equal = of(polished(pd_equal, PoliticalDemocracy)),
  pd_equal_mlr = of(polished(pd_equal, PoliticalDemocracy, estimator = "MLR")),
  kit_300 = of(polished(kit_model, survey[1:300, ])),
  kit_1000 = of(polished(kit_model, survey)),
  kit_300_mlr = of(polished(kit_model, survey[1:300, ], estimator = "MLR")),
  kit_1000_mlr = of(polished(kit_model, survey, estimator = "MLR")),
  kit_cfa = of(polished(measured, survey)),
  kit_observed = of(polished("satisfaction =~ SA1 + SA2 + SA3\nsatisfaction ~ OF1 + RS1\nRP1 ~ satisfaction", survey,
                        fixed.x = FALSE)),
  kit_groups = invariance(few, survey, "segment", "ML"),
  kit_groups_mlr = invariance(few, survey, "segment", "MLR"),
  kit_scales = scales_of(measured, survey),
  bank_scales = scales_of(bank_measured, bank),
  bank_cfa = of(polished(bank_measured, bank)),
  bank_sem = of(polished(bank_model, bank)),
  bank_sem_mlr = of(polished(bank_model, bank, estimator = "MLR"))
)
write(toJSON(golden, digits = I(15), auto_unbox = TRUE, na = "null", pretty = FALSE), files[3])
