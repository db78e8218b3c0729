# What R says of regressions that touchsim is held against; called by tests/study/write.py:
#   Rscript drivers.R survey.csv drivers.json
# The survey is the kit's own (tests/equations/survey.csv): means of its items, satisfaction on nine facets.  The outcome
# of median and mixed model has a ripple and levels by shop, so that the median is unique and shops differ.

suppressMessages({library(MASS); library(sandwich); library(quantreg); library(lme4); library(jsonlite)})
files <- commandArgs(trailingOnly = TRUE)
survey <- read.csv(files[1])
facets <- c(product_information = "PI", appearance = "WA", ease_of_use = "EU", customisation = "CU", checkout = "CO",
            security = "SE", fulfilment = "OF", responsiveness = "RS", returns = "ER")
scores <- data.frame(sapply(c(facets, satisfaction = "SA"), function(short) rowMeans(survey[paste0(short, 1:3)])))
scores$goods <- survey$goods_type
row <- seq_len(nrow(scores)) - 1
scores$shop <- row %/% 40
scores$street <- row %/% 4 # 250 clusters: more than are left out one by one
scores$rippled <- scores$satisfaction + 0.2 * sin(row) + 0.3 * cos(2 * scores$shop)
scores$level <- ordered(survey$SA1)
scores$content <- as.integer(survey$SA1 >= 6)
right <- paste(names(facets), collapse = " + ")
of <- function(outcome) as.formula(paste(outcome, "~", right))
slopes <- function(fit) unname(coef(fit)[names(facets)])
errors <- function(covariance) unname(sqrt(diag(covariance))[names(facets)])

squares <- lm(of("satisfaction"), scores)
groups <- lapply(split(scores, scores$goods), function(part) {
  fit <- lm(of("satisfaction"), part)
  list(estimate = slopes(fit), std_error = errors(vcovHC(fit, "HC3")))
})
crossed <- lm(as.formula(paste("satisfaction ~ goods * (", right, ")")), scores)
extra <- grep(":", names(coef(crossed)))
v <- vcovHC(crossed, "HC3")[extra, extra]
wald <- as.numeric(coef(crossed)[extra] %*% solve(v, coef(crossed)[extra])) / length(extra)

ordinal <- function(method) {
  fit <- polr(of("level"), scores, method = method, Hess = TRUE, control = list(reltol = 1e-16, maxit = 5000))
  for (step in 1:3) # from where it stops, again
    fit <- polr(of("level"), scores, method = method, Hess = TRUE, start = c(coef(fit), fit$zeta),
                control = list(reltol = 1e-16, maxit = 5000))
  list(estimate = slopes(fit), std_error = errors(vcov(fit)), log_likelihood = as.numeric(logLik(fit)),
       std_error_by_street = errors(vcovCL(fit, scores$street, type = "HC0")))
}
binary <- function(link) {
  fit <- glm(of("content"), binomial(link), scores, control = list(epsilon = 1e-15, maxit = 100))
  list(estimate = slopes(fit), std_error = errors(vcov(fit)), log_likelihood = as.numeric(logLik(fit)),
       std_error_by_street = errors(vcovCL(fit, scores$street, type = "HC0"))) # with G / (G - 1)
}
# Test of parallel slopes as Brant (1990) defines it: binary regressions above each threshold, their joint covariance
parallel <- function(level, drivers, link) {
  x <- as.matrix(scores[drivers]); above <- sort(unique(level)); above <- above[-length(above)]
  fits <- lapply(above, function(cut) glm(level > cut ~ x, binomial(link), control = list(epsilon = 1e-15, maxit = 100)))
  pi <- sapply(fits, fitted)
  w <- sapply(fits, function(fit) fit$family$mu.eta(fit$linear.predictors)) / (pi * (1 - pi))
  design <- cbind(1, x); p <- ncol(x); many <- length(above)
  bread <- lapply(seq_len(many), function(k) solve(t(design) %*% (design * (w[, k]^2 * pi[, k] * (1 - pi[, k])))))
  covariance <- matrix(0, many * p, many * p)
  for (k in seq_len(many)) for (l in k:many) {
    middle <- t(design) %*% (design * (w[, k] * w[, l] * (pi[, l] - pi[, k] * pi[, l])))
    block <- (bread[[k]] %*% middle %*% bread[[l]])[-1, -1, drop = FALSE]
    here <- (k - 1) * p + seq_len(p); there <- (l - 1) * p + seq_len(p)
    covariance[here, there] <- block; covariance[there, here] <- t(block)
  }
  slopes <- sapply(fits, function(fit) coef(fit)[-1]); dim(slopes) <- c(p, many)
  contrast <- kronecker(cbind(-1, diag(many - 1)), diag(p))
  wald <- function(rows) {
    d <- contrast[rows, , drop = FALSE]; gap <- d %*% as.vector(slopes)
    as.numeric(t(gap) %*% solve(d %*% covariance %*% t(d), gap))
  }
  each <- sapply(seq_len(p), function(j) wald(seq(j, by = p, length.out = many - 1)))
  chi2 <- c(wald(seq_len(nrow(contrast))), each); df <- c(p * (many - 1), rep(many - 1, p))
  list(above = above, estimate = as.vector(slopes), std_error = sqrt(diag(covariance)), statistic = chi2, df = df,
       p_value = pchisq(chi2, df, lower.tail = FALSE))
}
median <- rq(of("rippled"), 0.5, scores)
mixed <- lmer(as.formula(paste("rippled ~", right, "+ (1 | shop)")), scores, REML = TRUE,
              control = lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-14, ftol_abs = 1e-14,
                                                                             xtol_rel = 1e-14, ftol_rel = 1e-16)))
parts <- as.data.frame(VarCorr(mixed))$vcov
figures <- list(
  versions = list(R = as.character(getRversion()), MASS = as.character(packageVersion("MASS")),
                  sandwich = as.character(packageVersion("sandwich")), quantreg = as.character(packageVersion("quantreg")),
                  lme4 = as.character(packageVersion("lme4"))),
  drivers = names(facets),
  lm = list(estimate = slopes(squares), std_error = errors(vcovHC(squares, "HC3")), r2 = summary(squares)$r.squared,
            adj_r2 = summary(squares)$adj.r.squared),
  lm_groups = groups,
  wald = list(statistic = wald, df_num = length(extra), df_den = crossed$df.residual,
              p_value = pf(wald, length(extra), crossed$df.residual, lower.tail = FALSE)),
  polr_logistic = ordinal("logistic"), polr_probit = ordinal("probit"),
  glm_logit = binary("logit"), glm_probit = binary("probit"),
  brant = parallel(pmax(survey$SA1, 3), names(facets), "logit"), # 17 and 30 answers 1 and 2 are too few for nine slopes
  brant_fulfilment = parallel(survey$SA1, "fulfilment", "logit"),
  wald_probit = parallel(pmax(survey$SA1, 3), names(facets), "probit"),
  rq = list(estimate = slopes(median), rho = median$rho),
  lmer = list(estimate = unname(fixef(mixed)[names(facets)]), std_error = errors(as.matrix(vcov(mixed))),
              icc = parts[1] / sum(parts)),
  p_adjust = list(holm = p.adjust(summary(squares)$coefficients[-1, 4], "holm"),
                  bh = p.adjust(summary(squares)$coefficients[-1, 4], "BH"),
                  p = unname(summary(squares)$coefficients[-1, 4]))
)
write(toJSON(figures, auto_unbox = TRUE, digits = I(15), pretty = TRUE), files[2])
