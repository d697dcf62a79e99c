namespace Modeldrop.Names;

/// <summary>Documents that are created for a version after its registration and stored in its folder.</summary>
public static class VersionDocuments
{
    /// <summary>The validation report.</summary>
    public const string Report = "report.json";

    /// <summary>The validation report as a page.</summary>
    public const string ReportPage = "report.html";

    /// <summary>The fixed bins and the reference's counts.</summary>
    public const string Profile = "profile.json";

    /// <summary>The version's results as a shadow, and the cursor in the log.</summary>
    public const string Shadow = "shadow.json";

    /// <summary>How well the version's probabilities are calibrated, by its validation data.</summary>
    public const string Calibration = "calibration.json";

    /// <summary>Some rows of the reference as numbers, for comparing joint distributions.</summary>
    public const string Sample = "reference-sample.bin";

    /// <summary>The last comparison of the joint distribution.</summary>
    public const string JointDrift = "joint-drift.json";

    /// <summary>The version's performance on its validation data, with which later windows are compared.</summary>
    public const string Performance = "performance.json";

    /// <summary>The expected errors of a regression, by its validation data.</summary>
    public const string Loss = "loss.json";

    /// <summary>The last drill: how monitoring would have behaved on the version's own traffic.</summary>
    public const string Drill = "drill.json";

    public static readonly IReadOnlyList<string> All =
        [Report, ReportPage, Profile, Shadow, Calibration, Sample, JointDrift, Performance, Loss, Drill];
}
