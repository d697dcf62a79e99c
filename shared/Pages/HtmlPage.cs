using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace Modeldrop.Pages;

/// <summary>Writes pages: Razor components as text. Every value in them is encoded, so that no name can become a tag.</summary>
public static class HtmlPage
{
    private static readonly NoServices Services = new();

    /// <summary>The whole page as HTML.</summary>
    /// <remarks>Components of pages do not wait for anything, so that the text is complete when this returns.</remarks>
    /// <param name="reader">Who reads it; null: a document for everybody.</param>
    public static string Render<TPage, TModel>(TModel model, PageReader? reader = null) where TPage : PageOf<TModel>
    {
        using var renderer = new HtmlRenderer(Services, NullLoggerFactory.Instance);
        RenderFragment page = builder =>
        {
            builder.OpenComponent<TPage>(0);
            builder.AddComponentParameter(1, nameof(PageOf<>.Model), model);
            builder.CloseComponent();
        };
        ParameterView parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
        {
            [nameof(CascadingValue<>.Value)] = reader,
            [nameof(CascadingValue<>.ChildContent)] = page,
        });
        Task<string> text = renderer.Dispatcher.InvokeAsync(
            async () => (await renderer.RenderComponentAsync<CascadingValue<PageReader>>(parameters)).ToHtmlString());
        return text.IsCompleted ? text.GetAwaiter().GetResult() : throw new InvalidOperationException("A component of the page waits.");
    }

    /// <summary>Components take what they show as parameters.</summary>
    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
