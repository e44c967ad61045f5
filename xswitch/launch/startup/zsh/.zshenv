# Read by a zsh that xswitch starts, as is .zshrc beside it. The user's own files may move ZDOTDIR.
XSWITCH_STARTUP=$ZDOTDIR
ZDOTDIR=${XSWITCH_ZDOTDIR:-$HOME}
[[ -r $ZDOTDIR/.zshenv ]] && source $ZDOTDIR/.zshenv
if [[ -o interactive ]]; then
  XSWITCH_ZDOTDIR=$ZDOTDIR
  ZDOTDIR=$XSWITCH_STARTUP
else
  unset XSWITCH_STARTUP XSWITCH_ZDOTDIR
  eval "$XSWITCH_RESTORE"
  unset XSWITCH_RESTORE
fi
