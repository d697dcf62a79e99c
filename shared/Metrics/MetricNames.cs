namespace Modeldrop.Metrics;

/// <summary>The names of the metrics in manifests and reports.</summary>
public static class MetricNames
{
    public const string Accuracy = "accuracy";

    public const string LogLoss = "log_loss";

    public const string RocAuc = "roc_auc";

    public const string Precision = "precision";

    public const string Recall = "recall";

    public const string F1 = "f1";

    public const string Brier = "brier";

    public const string CalibrationError = "calibration_error";

    public const string Mae = "mae";

    public const string Rmse = "rmse";

    public const string R2 = "r2";

    public static IReadOnlyList<string> All { get; } = [
        Accuracy, LogLoss, RocAuc, Precision, Recall, F1, Brier, CalibrationError, Mae, Rmse, R2];

    /// <summary>Whether the metric is computed from the probability of the label's class.</summary>
    public static bool NeedsProbability(string name) => name is LogLoss or RocAuc or Brier or CalibrationError;

    /// <summary>Whether a lower value is better, as for losses and errors.</summary>
    /// <param name="name">Also accepts the metric of one label, <c>brier/&lt;label&gt;</c>.</param>
    public static bool IsLowerBetter(string name) => name.Split('/')[0] is LogLoss or Brier or CalibrationError or Mae or Rmse;
}
