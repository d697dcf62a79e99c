namespace Modeldrop.Lifecycle.Registration;

/// <summary>Steps of a registration that others look at.</summary>
public static class RegistrationSteps
{
    public const string Waiting = "waiting for files";
    public const string Staging = "staging";
    public const string Slot = "waiting for a slot";
    public const string Inspecting = "inspecting";
    public const string Turn = "waiting for its turn";

    /// <summary>
    /// Whether a file that is there now will be seen by a registration at this step: it looks at the folder again before it registers.
    /// </summary>
    /// <param name="step">Null: it has not begun.</param>
    public static bool WillLook(string? step) => step is null or Waiting or Staging or Slot or Inspecting or Turn;
}
