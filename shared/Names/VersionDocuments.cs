namespace Modeldrop.Names;

/// <summary>Documents that are made for a version after its registration and stored in its folder.</summary>
public static class VersionDocuments
{
    /// <summary>The validation report.</summary>
    public const string Report = "report.json";

    /// <summary>The validation report as a page.</summary>
    public const string ReportPage = "report.html";

    /// <summary>The sealed bins and the reference's counts.</summary>
    public const string Profile = "profile.json";

    /// <summary>What the version has answered as a shadow, and how far it is.</summary>
    public const string Shadow = "shadow.json";

    /// <summary>What the version's probabilities are worth, by its validation data.</summary>
    public const string Calibration = "calibration.json";

    /// <summary>Some rows of the reference as numbers, for comparisons of the joint distribution.</summary>
    public const string Sample = "reference-sample.bin";

    /// <summary>The last comparison of the joint distribution.</summary>
    public const string JointDrift = "joint-drift.json";

    /// <summary>What the version did on its validation data, for later windows to be compared with.</summary>
    public const string Performance = "performance.json";

    /// <summary>How far a regression is expected to be off, by its validation data.</summary>
    public const string Loss = "loss.json";

    /// <summary>The last drill: what monitoring would have done on the version's own traffic.</summary>
    public const string Drill = "drill.json";

    public static readonly IReadOnlyList<string> All =
        [Report, ReportPage, Profile, Shadow, Calibration, Sample, JointDrift, Performance, Loss, Drill];
}
