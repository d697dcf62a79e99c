using Microsoft.AspNetCore.Components;

namespace Modeldrop.Pages;

/// <summary>A page, or a part of one, that shows one view.</summary>
/// <typeparam name="TModel">The type of the view.</typeparam>
public abstract class PageOf<TModel> : ComponentBase
{
    [Parameter, EditorRequired]
    public TModel Model { get; set; } = default!;
}
