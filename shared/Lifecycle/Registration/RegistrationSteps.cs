namespace Modeldrop.Lifecycle.Registration;

/// <summary>Names of registration steps that other code depends on.</summary>
public static class RegistrationSteps
{
    public const string Waiting = "waiting for files";
    public const string Staging = "staging";
    public const string Slot = "waiting for a slot";
    public const string Inspecting = "inspecting";
    public const string Turn = "waiting for its turn";

    /// <summary>
    /// Whether a registration at this step will still see a file that is there now, because it looks at the folder again before it
    /// registers.
    /// </summary>
    /// <param name="step">Null: the registration has not begun.</param>
    public static bool WillLook(string? step) => step is null or Waiting or Staging or Slot or Inspecting or Turn;
}
