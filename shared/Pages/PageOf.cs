using Microsoft.AspNetCore.Components;

namespace Modeldrop.Pages;

/// <summary>A page, or a part of one, that shows one thing.</summary>
/// <typeparam name="TModel">What it shows.</typeparam>
public abstract class PageOf<TModel> : ComponentBase
{
    [Parameter, EditorRequired]
    public TModel Model { get; set; } = default!;
}
