namespace Modeldrop.Wire.OpenInference;

/// <summary>Takes the elements of <c>data</c>, one after the other.</summary>
internal interface IElementSink
{
    /// <param name="json">Starts at the element's first character.</param>
    /// <param name="index">May be beyond the tensor, if the data have more elements than its shape.</param>
    /// <returns>The number of characters read; 0 when they are not a value of the tensor's datatype.</returns>
    int Read(ReadOnlySpan<byte> json, int index);
}
